import { expect, test } from 'vitest'
import { journeySource } from '../../../../src/probe/record/journey-source.ts'
import {
  type Recorded,
  RecordedAction,
  type RecordedEvent,
  type RecordedLocator,
} from '../../../../src/probe/record/recorded-event.ts'

const START = 'https://shop.test/'

/** A line of Playwright's recorder, as it writes them, read as the recording reads them. */
function did(action: Record<string, unknown>, page = 'page@1'): RecordedEvent {
  const { seen, ...line } = action
  return {
    kind: 'action',
    page,
    action: RecordedAction.parse({ pageGuid: page, button: 'left', clickCount: 1, ...line }),
    ...(seen !== undefined && { seen: seen as object }),
  }
}

const on = (
  kind: string,
  body: string,
  options = {},
): { selector: string; locator: RecordedLocator } => ({
  selector: `internal:${kind}=${body} ${JSON.stringify(options)}`,
  locator: { kind, body, options },
})

const button = (name: string) => on('role', 'button', { name, attrs: [] })
const field = (name: string) => on('role', 'textbox', { name, attrs: [] })

const went = (path: string, title = '', cause = 'followed', page = 'page@1'): RecordedEvent => ({
  kind: 'navigation',
  page,
  url: new URL(path, START).href,
  title,
  cause: cause as 'followed',
})

function write(events: RecordedEvent[], more: Partial<Recorded> = {}) {
  const opened = [did({ name: 'openPage' }), went('/', 'Shop', 'typed')]
  return journeySource(
    { url: START, secretInputs: [], orders: [], events: [...opened, ...events], ...more },
    'shop',
  )
}

/** What is inside of the journey, after its first step. */
function bodyOf(events: RecordedEvent[], more: Partial<Recorded> = {}): string {
  const { source } = write(events, more)
  const [, body = ''] = /toHaveTitle\('Shop'\)\n {2}\}\)\n(.*)\n\}\)\n$/s.exec(source) ?? []
  return body
}

/** The lines of the only step that follows the first one. */
const linesOf = (events: RecordedEvent[], more: Partial<Recorded> = {}): string[] =>
  bodyOf(events, more)
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim())

test('a recording in which nothing was done opens the page', () => {
  expect(write([]).source).toBe(`import { expect, journey } from 'firewatch'

/** Recorded. Say here what a user does, and what for. */
export default journey(async ({ page, step, target }) => {
  await step('open Shop', async () => {
    await page.goto(target)
    await expect(page).toHaveTitle('Shop')
  })
})
`)
})

test('a browser that never got to a page gives no step', () => {
  const recorded = { url: START, secretInputs: [], orders: [], events: [did({ name: 'openPage' })] }
  expect(journeySource(recorded, 'shop')).toMatchObject({ steps: 0, secrets: [] })
})

test.each([
  {
    why: 'a click',
    does: { name: 'click', ...button('Go') },
    line: "await page.getByRole('button', { name: 'Go' }).click()",
  },
  {
    why: 'two clicks',
    does: { name: 'click', clickCount: 2, ...button('Go') },
    line: "await page.getByRole('button', { name: 'Go' }).dblclick()",
  },
  {
    why: 'three',
    does: { name: 'click', clickCount: 3, ...on('text', 'word') },
    line: "await page.getByText('word').click({ clickCount: 3 })",
  },
  {
    why: 'another button, with keys',
    does: { name: 'click', button: 'right', modifiers: 3, ...on('test-id', 'menu') },
    line: "await page.getByTestId('menu').click({ button: 'right', modifiers: ['Alt', 'ControlOrMeta'] })",
  },
  {
    why: 'a place on a canvas',
    does: { name: 'click', position: { x: 3, y: 4 }, ...on('default', 'canvas') },
    line: "await page.locator('canvas').click({ position: { x: 3, y: 4 } })",
  },
  {
    why: 'a text with quotes, a line and a backslash',
    does: { name: 'fill', text: "it's\n\\x", ...on('label', "Ada's") },
    line: "await page.getByLabel('Ada\\'s').fill('it\\'s\\n\\\\x')",
  },
  {
    why: 'a key',
    does: { name: 'press', key: 'A', modifiers: 2, ...field('Name') },
    line: "await page.getByRole('textbox', { name: 'Name' }).press('ControlOrMeta+A')",
  },
  {
    why: 'a box',
    does: { name: 'check', ...on('label', 'agree', { exact: true }) },
    line: "await page.getByLabel('agree', { exact: true }).check()",
  },
  {
    why: 'a box again',
    does: { name: 'uncheck', ...on('label', 'agree') },
    line: "await page.getByLabel('agree').uncheck()",
  },
  {
    why: 'an option',
    does: { name: 'select', options: ['xl'], ...on('label', 'Size') },
    line: "await page.getByLabel('Size').selectOption('xl')",
  },
  {
    why: 'several options',
    does: { name: 'select', options: ['a', 'b'], ...on('label', 'Size') },
    line: "await page.getByLabel('Size').selectOption(['a', 'b'])",
  },
  {
    why: 'text that is asserted',
    does: { name: 'assertText', text: '3 lamps', ...on('default', '#count') },
    line: "await expect(page.locator('#count')).toContainText('3 lamps')",
  },
  {
    why: 'text that finds it',
    does: { name: 'assertText', text: '3 lamps', ...on('text', '3 lamps') },
    line: "await expect(page.getByText('3 lamps')).toBeVisible()",
  },
  {
    why: 'a value that is asserted',
    does: { name: 'assertValue', value: '2', ...field('Count') },
    line: "await expect(page.getByRole('textbox', { name: 'Count' })).toHaveValue('2')",
  },
  {
    why: 'a box that is asserted',
    does: { name: 'assertChecked', checked: false, ...on('label', 'agree') },
    line: "await expect(page.getByLabel('agree')).not.toBeChecked()",
  },
  {
    why: 'something to be there',
    does: { name: 'click', modifiers: 8, seen: { text: 'Hello Ada' }, ...on('default', 'h1') },
    line: "await expect(page.locator('h1')).toContainText('Hello Ada')",
  },
  {
    why: 'a box to be as it is',
    does: { name: 'check', seen: { checked: true }, ...on('label', 'agree') },
    line: "await expect(page.getByLabel('agree')).toBeChecked()",
  },
  {
    why: 'a field to have its value',
    does: { name: 'click', modifiers: 8, seen: { value: 'Ada' }, ...field('Name') },
    line: "await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Ada')",
  },
  {
    why: 'an action that a later version may know',
    does: { name: 'teleport', ...button('Go') },
    line: '// Recorded, and not known here: teleport',
  },
])('$why', ({ does, line }) => {
  expect(linesOf([did(does)])).toEqual([line])
})

const inFrame: RecordedLocator = {
  kind: 'default',
  body: '#pay',
  next: {
    kind: 'frame',
    body: '',
    next: { kind: 'role', body: 'button', options: { name: 'Pay', exact: true } },
  },
}

test.each([
  {
    why: 'inside of a frame',
    locator: inFrame,
    call: "locator('#pay').contentFrame().getByRole('button', { name: 'Pay', exact: true })",
  },
  {
    why: 'one of several',
    locator: { kind: 'text', body: 'Lamp', next: { kind: 'nth', body: '2' } },
    call: "getByText('Lamp').nth(2)",
  },
  {
    why: 'with attributes',
    locator: {
      kind: 'role',
      body: 'heading',
      options: { name: 'A', attrs: [{ name: 'level', value: 2 }] },
    },
    call: "getByRole('heading', { name: 'A', level: 2 })",
  },
  {
    why: 'filtered',
    locator: { kind: 'role', body: 'row', next: { kind: 'has-text', body: 'x' } },
    call: "getByRole('row').filter({ hasText: 'x' })",
  },
  {
    why: 'a pattern, which JSON loses',
    locator: { kind: 'text', body: {} },
    call: "locator('internal:text=/a/')",
  },
  {
    why: 'a kind that is not known',
    locator: { kind: 'magic', body: 'x' },
    call: "locator('internal:text=/a/')",
  },
])('an element $why is found', ({ locator, call }) => {
  expect(linesOf([did({ name: 'click', selector: 'internal:text=/a/', locator })])).toEqual([
    `await page.${call}.click()`,
  ])
})

test('files are named, with something in their place', () => {
  const upload = { name: 'fill', text: 'C:\\fakepath\\lamp.png', ...button('Picture') }
  expect(linesOf([did({ name: 'click', ...button('Picture') }), did(upload)])).toEqual([
    '// Only the name was recorded: put in what the page expects of the file.',
    "await page.getByRole('button', { name: 'Picture' }).setInputFiles([",
    "{ name: 'lamp.png', mimeType: 'application/octet-stream', buffer: Buffer.from('a file') },",
    '])',
  ])
})

test('what only leads to the next action, or follows from the last, is left out', () => {
  const events = [
    did({ name: 'click', ...field('Name') }),
    did({ name: 'fill', text: 'A', ...field('Name') }),
    did({ name: 'click', ...field('Name') }),
    did({ name: 'fill', text: 'Ada', ...field('Name') }),
    did({ name: 'press', key: 'Tab', ...field('Name') }),
    did({ name: 'check', ...on('label', 'agree') }),
    did({ name: 'click', clickCount: 0, ...on('label', 'agree') }),
    did({ name: 'press', key: 'Enter', ...field('Mail') }),
    did({ name: 'click', clickCount: 0, ...button('Send') }),
    did({ name: 'closePage' }),
  ]
  expect(linesOf(events)).toEqual([
    "await page.getByRole('textbox', { name: 'Name' }).fill('Ada')",
    "await page.getByLabel('agree').check()",
    "await page.getByRole('textbox', { name: 'Mail' }).press('Enter')",
  ])
})

test('a step ends where it led to another page, and is named after it', () => {
  const events = [
    did({ name: 'fill', text: 'lamp', ...field('Search') }),
    did({ name: 'click', ...button('Find') }),
    went('/redirect', ''),
    went('/found?q=lamp', 'Found'),
    did({ name: 'click', ...on('text', 'Hazel') }),
    went('/lamps/hazel', 'Found'),
    did({ name: 'click', ...on('text', 'Marlow') }),
    went('/lamps/7', 'Found'),
    did({ name: 'click', ...button('Buy') }),
  ]
  expect(bodyOf(events)).toBe(`  await step('go to Found', async () => {
    await page.getByRole('textbox', { name: 'Search' }).fill('lamp')
    await page.getByRole('button', { name: 'Find' }).click()
    await expect(page).toHaveTitle('Found')
  })
  await step('click Hazel', async () => {
    await page.getByText('Hazel').click()
    await page.waitForURL((url) => url.pathname === '/lamps/hazel')
  })
  await step('click Marlow', async () => {
    await page.getByText('Marlow').click()
  })
  await step('click Buy', async () => {
    await page.getByRole('button', { name: 'Buy' }).click()
  })`)
})

test('what was typed into the address bar is gone to, from the target where it can be', () => {
  const events = [
    went('/cart?a=1#b', 'Cart', 'typed'),
    did({ name: 'click', ...button('Go') }),
    went('https://pay.test/', '', 'typed'),
    went('https://pay.test/', 'Pay', 'reloaded'),
    went('/', 'Shop', 'typed'),
  ]
  const body = bodyOf(events)
  expect(body).toContain("page.goto(new URL('/cart?a=1#b', target).href)")
  expect(body).not.toContain('https://shop.test')
  expect(body).toContain("await step('open Shop (2)', async () => {\n    await page.goto(target)")
})

test('a page without a title is expected by its answer', () => {
  expect(bodyOf([did({ name: 'click', ...button('Go') }), went('/about', '', 'typed')])).toContain(
    `  await step('open /about', async () => {
    const response = await page.goto(new URL('/about', target).href)
    expect(response?.status(), 'status of the page').toBeLessThan(400)
  })`,
  )
})

test('a window that opens is waited for, and used by the steps after it', () => {
  const popup = [{ name: 'popup', popupPageGuid: 'page@2' }]
  const events = [
    did({ name: 'click', signals: popup, ...button('Terms') }),
    went('/terms', 'Terms', 'followed', 'page@2'),
    did({ name: 'click', ...button('Accept') }, 'page@2'),
    did({ name: 'closePage' }, 'page@2'),
    did({ name: 'click', ...button('Pay') }),
  ]
  expect(bodyOf(events)).toBe(`  const page2 = await step('click Terms', async () => {
    const opened = page.waitForEvent('popup')
    await page.getByRole('button', { name: 'Terms' }).click()
    return opened
  })
  await step('click Accept', async () => {
    await page2.getByRole('button', { name: 'Accept' }).click()
    await page2.close()
  })
  await step('click Pay', async () => {
    await page.getByRole('button', { name: 'Pay' }).click()
  })`)
})

test('a window in which nothing is done is not waited for', () => {
  const popup = [{ name: 'popup', popupPageGuid: 'page@2' }]
  const events = [
    did({ name: 'click', signals: popup, ...button('Terms') }),
    went('/terms', 'Terms', 'followed', 'page@2'),
    did({ name: 'closePage' }, 'page@2'),
    did({ name: 'click', ...button('Pay') }),
  ]
  expect(linesOf(events)).toEqual([
    "await page.getByRole('button', { name: 'Terms' }).click()",
    "await page.getByRole('button', { name: 'Pay' }).click()",
  ])
})

test('a tab that somebody opens is opened', () => {
  const events = [
    did({ name: 'openPage' }, 'page@2'),
    went('/help', 'Help', 'typed', 'page@2'),
    did({ name: 'click', ...button('Chat') }, 'page@2'),
  ]
  const { source } = write(events)
  expect(source).toContain('async ({ page, context, step, target })')
  expect(source).toContain(`  const page2 = await context.newPage()
  await step('open Help', async () => {
    await page2.goto(new URL('/help', target).href)
    await expect(page2).toHaveTitle('Help')
  })
  await step('click Chat', async () => {`)
})

test('passwords are secrets, whole and in part; one-time passwords are made anew', () => {
  const events = [
    did({ name: 'fill', text: 'ada', ...field('Name') }),
    did({ name: 'fill', text: 'hunt', ...field('Password') }),
    did({ name: 'click', ...button('Show') }),
    did({ name: 'fill', text: 'hunter2', ...field('Password') }),
    did({ name: 'fill', text: 'hunter2', ...field('Again') }),
    did({ name: 'fill', text: 'other-one', ...field('Bank') }),
    did({ name: 'fill', text: '4711', ...field('Code') }),
    did({ name: 'click', modifiers: 8, seen: { text: 'hunter2 it is' }, ...on('default', 'p') }),
    did({ name: 'click', ...button('hunter2 is right') }),
    went('/in?pw=hunter2', 'Hello hunter2'),
  ]
  const written = write(events, {
    secretInputs: [
      { field: 'password', values: ['h', 'hunt', 'hunter2'] },
      { field: 'password', values: ['hunter2'] },
      { field: 'password', values: ['other-one'] },
      { field: 'one-time-code', values: ['4711'] },
    ],
    orders: ['POST https://shop.test/orders/hunter2'],
  })
  expect(written.source).not.toMatch(/hunt|other-one|4711/)
  expect(written.secrets).toEqual(['SHOP_PASSWORD', 'SHOP_PASSWORD_2', 'SHOP_TOTP'])
  expect(written.source).toContain("{ name: 'Again' }).fill(secrets.SHOP_PASSWORD)")
  expect(written.source).toContain("{ name: 'Bank' }).fill(secrets.SHOP_PASSWORD_2)")
  expect(written.source).toContain("{ name: 'Code' }).fill(totp(secrets.SHOP_TOTP))")
  expect(written.source).toContain("await expect(page.locator('p')).toBeVisible()")
})

test.each([
  { service: 'my-shop', name: 'MY_SHOP_PASSWORD' },
  { service: 'firewatch', name: 'SITE_FIREWATCH_PASSWORD' },
  { service: '24h', name: 'SITE_24H_PASSWORD' },
])('of the service $service the secret is $name', ({ service, name }) => {
  const events = [did({ name: 'fill', text: 'hunter2', ...field('Password') })]
  const secretInputs = [{ field: 'password' as const, values: ['hunter2'] }]
  expect(journeySource({ url: START, events, secretInputs, orders: [] }, service).secrets).toEqual([
    name,
  ])
})

test('what looks like an order is told, with the rule that would forbid it', () => {
  const { source, never } = write([did({ name: 'click', ...button('Pay') })], {
    orders: ['POST https://shop.test/api/orders', 'POST https://pay.test/orders'],
  })
  expect(never).toEqual(['POST **/orders'])
  expect(source).toContain(
    "//   export default journey({ never: ['POST **/orders'] }, async ({ … }) => {",
  )
})

test('a click that closed its window before it was recorded leaves a remark', () => {
  expect(bodyOf([did({ name: 'lostClick' }), did({ name: 'click', ...button('Go') })])).toContain(
    '// A click closed this window before it was recorded: write it here.',
  )
})
