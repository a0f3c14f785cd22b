import ts from 'typescript'
import { at, below, type HouseRule, importsOf, resolveImport, walk } from './source-file.ts'

/** The inspector's page runs in a browser: a world of its own. */
const page = 'src/inspect/page/'
/** What its server says to it, as types. */
const contract = 'src/inspect/api.ts'

/** The page takes its own files, Preact, and the types of its contract; nobody takes anything of the page. */
export const pageStandsAlone: HouseRule = files =>
  below(files, 'src/').flatMap(file =>
    importsOf(file).flatMap(({ specifier, typeOnly, node }) => {
      const path = specifier.startsWith('.') ? resolveImport(file, specifier) : specifier
      if (!file.path.startsWith(page)) {
        return path.startsWith(page) ? [`${at(file, node)}: the page is no part of the program`] : []
      }
      const isOwn = path.startsWith(page) || /^preact(\/|$)/.test(path)
      return isOwn || (path === contract && typeOnly) ? [] : [`${at(file, node)}: ${specifier} is not of the page`]
    }),
  )

/** Ways to make markup or code of a text, or to leave the page. */
const banned = new Set([
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'dangerouslySetInnerHTML',
  'setHTMLUnsafe',
  'srcdoc',
  'srcDoc',
  'createContextualFragment',
  'DOMParser',
  'eval',
  'Function',
  'write',
  'writeln',
  'sendBeacon',
  'XMLHttpRequest',
  'WebSocket',
  'importScripts',
])

/** What came from outside is only ever text: the page has no way to make anything else of it. */
export const pageShowsText: HouseRule = files =>
  below(files, page).flatMap(file => {
    const faults: string[] = []
    walk(file, node => {
      if (ts.isIdentifier(node) && banned.has(node.text)) faults.push(`${at(file, node)}: ${node.text}`)
      if (ts.isStringLiteralLike(node) && banned.has(node.text)) faults.push(`${at(file, node)}: '${node.text}'`)
    })
    return faults
  })

/** Styles and the page itself name nothing that would have to be fetched, and hold no code. */
export const pageFetchesNothing: HouseRule = files =>
  files
    .filter(file => file.path.startsWith(page) && /\.(css|html)$/.test(file.path))
    .flatMap(file => {
      const foreign = /url\(|@font-face|https?:|\/\/[a-z]|<style|\son[a-z]+=|\sstyle=|<script(?![^>]*\ssrc="\.)/i.exec(
        file.text,
      )
      return foreign ? [`${file.path}: ${foreign[0]}`] : []
    })
