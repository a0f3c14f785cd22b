import type { Page } from 'playwright-core'

/** Texts of a page that stand out from their ground less than WCAG 2.2 AA wants (4.5 to 1, criterion 1.4.3). */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const pixel = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D

    /** Colours painted one over the other, as their relative luminance. */
    function luminance(colours: string[]): number {
      for (const colour of ['#fff', ...colours]) {
        pixel.fillStyle = colour
        pixel.fillRect(0, 0, 1, 1)
      }
      const [red, green, blue] = [...pixel.getImageData(0, 0, 1, 1).data].map(value => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      }) as [number, number, number, number]
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    const found = new Set<string>()
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const element = text.parentElement as HTMLElement
      if (!text.textContent?.trim() || !element.checkVisibility() || element.closest('.unseen, option, :disabled'))
        continue
      const grounds: string[] = []
      for (let one: Element | null = element; one; one = one.parentElement) {
        grounds.unshift(getComputedStyle(one).backgroundColor)
      }
      const [dark, light] = [luminance(grounds), luminance([...grounds, getComputedStyle(element).color])].sort(
        (left, right) => left - right,
      ) as [number, number]
      const ratio = (light + 0.05) / (dark + 0.05)
      if (ratio < 4.5) found.add(`${ratio.toFixed(2)} ${element.className}: ${text.textContent.slice(0, 20)}`)
    }
    return [...found]
  })
}
