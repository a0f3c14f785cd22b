import { readdirSync, readlinkSync } from 'node:fs'
import { beforeEach, expect } from 'vitest'

/**
 * What a process holds open that would keep it alive or keep a file: servers, sockets, child processes, timers as Node
 * counts them, and (where the system tells, which is Linux) files whose name has `word` in it.
 */
export function heldOpen(word = 'whs-'): string[] {
  const kinds = process.getActiveResourcesInfo().filter(kind => /Wrap$|^Timeout$|^FSEvent/.test(kind))
  return [...kinds, ...openFiles().filter(file => file.includes(word))].sort()
}

function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

/** What is held now and was not before. */
export function leaked(before: string[], now: string[]): string[] {
  const left = [...before]
  return now.filter(one => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/**
 * After each test of the file: what it opened is closed again. Hooks that end a test run last first, so this is to be
 * called before others that clean up. Closing takes some turns of the event loop, and vitest itself sets a timer of 100 ms
 * now and then, so it looks for up to half a second.
 */
export function checkLeaks(): void {
  beforeEach(({ onTestFinished }) => {
    const before = heldOpen()
    onTestFinished(async () => {
      for (let look = 0; look < 50 && leaked(before, heldOpen()).length > 0; look++) {
        await new Promise(resolve => setTimeout(resolve, 10))
      }
      expect(leaked(before, heldOpen())).toEqual([])
    })
  })
}
