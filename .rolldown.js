import { readFileSync } from 'node:fs'

/**
 * The program in few files: Node starts these in less time than one file a module. Packages stay outside. Every file lies
 * one folder below `dist`, as those of `src` do below it, so that paths from them are the same.
 */
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

export default {
  input: { 'cli/main': 'src/cli/main.ts', 'store/writer-thread': 'src/store/writer-thread.ts' },
  platform: 'node',
  external: id => Object.keys(dependencies).some(name => id === name || id.startsWith(`${name}/`)),
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
}
