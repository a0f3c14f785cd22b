/** A queue that gives back what it was given, first in first out, without moving the rest. Numbers are held packed. */
export interface Fifo<T> {
  readonly length: number
  push(item: T): void
  /** Puts one in front of all. */
  unshift(item: T): void
  shift(): T | undefined
}

const compactAt = 1024

export function makeFifo<T>(): Fifo<T> {
  let items: T[] = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    push(item) {
      items.push(item)
    },
    unshift(item) {
      if (head > 0) items[--head] = item
      else items.unshift(item)
    },
    shift() {
      if (head === items.length) return undefined
      const item = items[head++]
      if (head === items.length) {
        items = []
        head = 0
      } else if (head >= compactAt && head * 2 >= items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
