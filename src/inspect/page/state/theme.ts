export type Theme = 'system' | 'light' | 'dark'

const place = 'whs-theme'
const order: Theme[] = ['system', 'light', 'dark']

/** What the person chose; the system's own until then. */
export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(place) as Theme
    return order.includes(kept) ? kept : 'system'
  } catch {
    return 'system'
  }
}

/** Shows the chosen theme. */
export function applyTheme(): void {
  const theme = chosenTheme()
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Takes the next theme, and keeps it. */
export function nextTheme(): Theme {
  const theme = order[(order.indexOf(chosenTheme()) + 1) % order.length] as Theme
  try {
    localStorage.setItem(place, theme)
  } catch {
    // A browser that keeps nothing shows it for as long as the page is open.
  }
  applyTheme()
  return theme
}
