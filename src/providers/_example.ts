/** What help texts use in their examples. A file of its own, so that help need not load the definitions. */
export const example = {
  provider: 'quickbooks',
  account: '9341453900000009999',
  event: 'customer.updated',
  hooks: 'typeform',
  keyed: 'hubspot',
  apiPath: '/v3/company/{account}/companyinfo/{account}',
  apiTarget: '/v3/company/{account}/invoice',
}
