import { createValueStore } from './value-store.ts'

/** `auto` follows the system. `public/theme.js` applies the stored one before the first paint. */
export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORED_AS = 'theme'

const initial = document.documentElement.dataset.theme
export const themeStore = createValueStore<Theme>(
  initial === 'light' || initial === 'dark' ? initial : 'auto',
)

export function chooseTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'auto') localStorage.removeItem(STORED_AS)
    else localStorage.setItem(STORED_AS, theme)
  } catch {
    // Storage is switched off: the choice holds for this page only.
  }
  themeStore.set(theme)
}

/** Calls `follower` whenever colors are others than before, until the returned function is called. */
export function onColorsChange(follower: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', follower)
  const end = themeStore.follow(follower)
  return () => {
    system.removeEventListener('change', follower)
    end()
  }
}
