import { chooseTheme, THEMES, type Theme, themeStore } from '../live/theme.ts'
import { useValue } from '../live/use-value.ts'

const SIGNS: { readonly [T in Theme]: string } = { auto: '◐', light: '☼', dark: '☾' }

/** Goes through the themes: as the system, light, dark. */
export function ThemeSwitch() {
  const theme = useValue(themeStore)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  return (
    <button
      type="button"
      class="plain-button"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => chooseTheme(next)}
    >
      <span aria-hidden="true">{SIGNS[theme]}</span>
      <span class="wide-only"> {theme}</span>
    </button>
  )
}
