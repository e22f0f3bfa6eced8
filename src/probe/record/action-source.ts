import { locatorSource, locatorWords, quote } from './locator-source.ts'
import type { NamedSecret, RecordedAction, RecordedEvent, SeenElement } from './recorded-event.ts'

type ActionEvent = Extract<RecordedEvent, { kind: 'action' }>

/** Bits as the recorder writes them, and what Playwright calls them. */
const MODIFIERS = [
  [1, 'Alt'],
  [2, 'ControlOrMeta'],
  [4, 'ControlOrMeta'],
  [8, 'Shift'],
] as const

/** One action as a statement of a journey, several lines where it needs them. */
export function actionSource(event: ActionEvent, page: string): string[] {
  const { action, seen, secret } = event
  const element = `${page}.${locatorSource(action.locator, action.selector ?? '')}`
  if (seen) return [`await ${expectation(element, action, seen)}`]
  switch (action.name) {
    case 'click':
      return [
        `await ${element}.${action.clickCount === 2 ? 'dblclick' : 'click'}(${clickOptions(action)})`,
      ]
    case 'fill':
      return [`await ${element}.fill(${filled(action.text ?? '', secret)})`]
    case 'press':
      return [`await ${element}.press(${quote([...modifiersOf(action), action.key].join('+'))})`]
    case 'hover':
    case 'check':
    case 'uncheck':
      return [`await ${element}.${action.name}()`]
    case 'select':
      return [`await ${element}.selectOption(${oneOrMore(action.options ?? [])})`]
    case 'setInputFiles':
      return uploadLines(element, action.files ?? [])
    case 'lostClick':
      return ['// A click closed this window before it was recorded: write it here.']
    case 'closePage':
      return [`await ${page}.close()`]
    case 'assertVisible':
      return [`await expect(${element}).toBeVisible()`]
    case 'assertText':
      return [`await ${textExpectation(element, action, action.text ?? '')}`]
    case 'assertChecked':
      return [`await expect(${element})${action.checked === false ? '.not' : ''}.toBeChecked()`]
    case 'assertValue':
      return [`await expect(${element}).toHaveValue(${filled(action.value ?? '', secret)})`]
    case 'assertSnapshot':
      return [`await expect(${element}).toMatchAriaSnapshot(${quote(action.ariaSnapshot ?? '')})`]
    default:
      return [`// Recorded, and not known here: ${action.name.replace(/[^\w ]/g, '')}`]
  }
}

/** What the action does, for the name of a step. */
export function actionWords({ action, seen }: ActionEvent): string {
  const what = locatorWords(action.locator)
  if (seen || action.name.startsWith('assert')) return `see ${what || 'what is there'}`
  switch (action.name) {
    case 'fill':
      return `fill in ${what || 'a field'}`
    case 'press':
      return `press ${action.key === ' ' ? 'Space' : action.key}`
    case 'check':
    case 'uncheck':
      return `${action.name} ${what || 'a box'}`
    case 'select':
      return `choose ${what || 'an option'}`
    case 'setInputFiles':
      return `give a file to ${what || 'a field'}`
    case 'closePage':
      return 'close the window'
    default:
      return `${action.name} ${what || 'on the page'}`
  }
}

function expectation(
  element: string,
  action: RecordedAction,
  { text = '', value, checked }: SeenElement,
): string {
  if (checked !== undefined) return `expect(${element})${checked ? '' : '.not'}.toBeChecked()`
  if (value !== undefined) return `expect(${element}).toHaveValue(${quote(value)})`
  return textExpectation(element, action, text)
}

/** That an element is found by its text says that already. */
const textExpectation = (element: string, { locator }: RecordedAction, text: string): string =>
  text === '' || text === locatorWords(locator)
    ? `expect(${element}).toBeVisible()`
    : `expect(${element}).toContainText(${quote(text)})`

function clickOptions({ button = 'left', clickCount = 1, position, ...action }: RecordedAction) {
  const modifiers = modifiersOf(action)
  const options = [
    ...(button === 'left' ? [] : [`button: ${quote(button)}`]),
    ...(modifiers.length > 0 ? [`modifiers: [${modifiers.map(quote).join(', ')}]`] : []),
    ...(clickCount > 2 ? [`clickCount: ${clickCount}`] : []),
    ...(position ? [`position: { x: ${position.x}, y: ${position.y} }`] : []),
  ]
  return options.length > 0 ? `{ ${options.join(', ')} }` : ''
}

const modifiersOf = ({ modifiers = 0 }: Pick<RecordedAction, 'modifiers'>): string[] => [
  ...new Set(MODIFIERS.filter(([bit]) => (modifiers & bit) !== 0).map(([, name]) => name)),
]

/** A one-time password is made anew in each run. */
function filled(text: string, secret: NamedSecret | undefined): string {
  if (!secret) return quote(text)
  const value = `secrets.${secret.name}`
  return secret.field === 'one-time-code' ? `totp(${value})` : value
}

const oneOrMore = (texts: readonly string[]) =>
  texts.length === 1 ? quote(texts[0] ?? '') : `[${texts.map(quote).join(', ')}]`

/** The file itself lies on the machine of who recorded: one of that name stands for it. */
function uploadLines(element: string, files: readonly string[]): string[] {
  return [
    '// Only the name was recorded: put in what the page expects of the file.',
    `await ${element}.setInputFiles([`,
    ...files.map(
      (path) =>
        `  { name: ${quote(path.split(/[\\/]/).at(-1) ?? path)}, mimeType: 'application/octet-stream', buffer: Buffer.from('a file') },`,
    ),
    '])',
  ]
}
