/**
 * The inspector's page: one script and one style sheet with a hash in their names, beside `index.html`. Nothing of it is
 * written into the page itself (its policy forbids that), and nothing is fetched from elsewhere.
 */
export default {
  root: 'src/inspect/page',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    {
      // The chosen theme is there before anything is painted.
      name: 'paint-once',
      transformIndexHtml: html => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  ],
  build: {
    outDir: '../../../dist/inspect',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
}
