/** The shape of the events that tell of a consent: no definition has one of this name. */
export const lifeShape = 'whs-lifecycle'
