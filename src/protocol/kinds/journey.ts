import { z } from 'zod'
import { checkBase } from '../check-base.ts'
import { Scalar } from '../expectation.ts'
import { NAME_LENGTH_MAX } from '../ids.ts'
import { secretName, webAddress, written, writtenHeaders } from '../written-base.ts'
import { writtenDuration, writtenNumber } from '../written-matcher.ts'

const TEST_FILE = /\.(?:spec|test)\.[cm]?[jt]sx?$/

/** Whether a script is a file of Playwright Test, and none of the journeys in our own form. */
export const isTestFile = (script: string): boolean => TEST_FILE.test(script)

/** Whether a file's name is one that a journey check may name as its script. */
export const isScript = (file: string): boolean => file.endsWith('.journey.ts') || isTestFile(file)

/** Projects that one check may name. */
const PROJECTS_MAX = 20

/** What the line between browser and target is made to be like. */
const networkEmulation = {
  /** Added to each round trip, in milliseconds. */
  latencyMs: z.number().nonnegative().max(60_000).optional(),
  downloadKbps: z.number().positive().optional(),
  uploadKbps: z.number().positive().optional(),
}

const viewport = {
  width: z.number().int().min(100).max(8_000),
  height: z.number().int().min(100).max(8_000),
}

const text = z.string().min(1).max(NAME_LENGTH_MAX)

export const BrowserEngine = z.enum(['chromium', 'firefox', 'webkit'])
export type BrowserEngine = z.infer<typeof BrowserEngine>

export const BrowserChannel = z.enum(['chrome', 'msedge', 'chromium'])
export type BrowserChannel = z.infer<typeof BrowserChannel>

const browserOptions = {
  engine: BrowserEngine.optional().describe('chromium where nothing is said.'),
  channel: BrowserChannel.optional().describe(
    'The real Chrome, Edge or full Chromium that is installed where the probe runs.',
  ),
  device: text.optional().describe("A device of Playwright's list, such as 'iPhone 15'."),
  locale: text.optional().describe('Such as de-DE.'),
  timeZone: text.optional().describe('What pages take for local time, such as Europe/Berlin.'),
  colorScheme: z.enum(['light', 'dark']).optional(),
  headers: writtenHeaders.optional().describe('Sent with every request of the browser.'),
}

const WrittenProxy = z.union([
  webAddress,
  z.strictObject({
    url: webAddress,
    username: z.string().optional(),
    password: secretName.optional(),
    bypass: z.array(z.string().min(1)).max(50).optional(),
  }),
])

export const WrittenBrowser = z.strictObject({
  ...browserOptions,
  viewport: z.strictObject(viewport).optional(),
  network: z.strictObject(networkEmulation).optional().describe('A slower line.'),
  proxy: WrittenProxy.optional(),
})

/** How a journey's browser is set up. */
export const BrowserOptions = z.object({
  ...browserOptions,
  viewport: z.object(viewport).optional(),
  network: z.object(networkEmulation).optional(),
  proxy: z
    .object({
      url: z.url(),
      username: z.string().optional(),
      /** Name of the secret. */
      password: z.string().optional(),
      bypass: z.array(z.string()).optional(),
    })
    .optional(),
})
export type BrowserOptions = z.infer<typeof BrowserOptions>

/** What is kept of a run that failed, to explain it. */
export const Evidence = z.object({
  /** `each-step`: of each outermost step that passed as well. */
  screenshots: z.enum(['on-failure', 'each-step', 'never']),
  /** When the journey is run once more, uncounted, with everything recorded. */
  recording: z.enum(['on-failure', 'always', 'never']).default('never'),
  /** CSS selectors of what is painted over in every picture, besides password fields. */
  paintOver: z.array(z.string().min(1).max(500)).max(20),
})
export type Evidence = z.infer<typeof Evidence>

const webVital = (what: string) =>
  writtenDuration.optional().describe(`${what}; of the worst page.`)

/** What a `journey` check can expect besides that each step succeeds. */
export const JourneyExpectations = z.strictObject({
  total: writtenDuration.optional(),
  steps: z
    .record(z.string(), writtenDuration)
    .optional()
    .describe("The user's time of steps, by their names."),
  ttfb: webVital('Time to first byte'),
  fcp: webVital('First contentful paint'),
  lcp: webVital('Largest contentful paint'),
  inp: webVital('Interaction to next paint'),
  cls: writtenNumber.optional().describe('Cumulative layout shift; of the worst page.'),
  requests: writtenNumber.optional().describe('Requests of all pages.'),
  failedRequests: writtenNumber.optional().describe('Those with no answer, or with 4xx or 5xx.'),
  bytes: writtenNumber.optional().describe('Received by all pages, as sent over the line.'),
  consoleErrors: writtenNumber.optional().describe('Errors on the console of all pages.'),
  pageErrors: writtenNumber.optional().describe('Exceptions that pages did not catch.'),
})

const origin = webAddress.describe('Such as https://shop.example.com; its path counts for nothing.')

const neverRule = z
  .string()
  .regex(/^(\*|[A-Za-z]+) \S+$/, "a method and a glob, such as 'POST **/orders'")

/** When a journey's browser is replaced: once it is worn, or after each run. */
const Recycle = z.enum(['when-worn', 'every-run'])

export const WrittenJourneyCheck = z.strictObject({
  ...written,
  kind: z.literal('journey'),
  script: z
    .string()
    .regex(
      /^[A-Za-z0-9._/-]+\.(?:journey\.ts|(?:spec|test)\.[cm]?[jt]sx?)$/,
      'a path such as ./checkout.journey.ts or ./checkout.spec.ts',
    )
    .describe('Path of the journey, or of a file of Playwright Test, from this file.'),
  project: z
    .union([text, z.array(text).min(1).max(PROJECTS_MAX)])
    .optional()
    .describe('For a file of Playwright Test: the projects of its config; all when absent.'),
  url: webAddress.optional().describe('Where the journey starts; it gets it as `target`.'),
  params: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'a name such as product'), Scalar)
    .optional()
    .describe('Values that the journey gets as `params`.'),
  secrets: z.array(secretName).optional(),
  never: z
    .array(neverRule)
    .max(20)
    .optional()
    .describe('Requests that must never be made, besides those that the journey names itself.'),
  browser: WrittenBrowser.optional(),
  recycle: Recycle.optional().describe(
    'every-run: each run gets a browser that was just started, before its time begins.',
  ),
  ignoreHttpsErrors: z.boolean().optional(),
  evidence: z
    .strictObject({
      screenshots: Evidence.shape.screenshots.optional(),
      recording: z
        .enum(['on-failure', 'always', 'never'])
        .optional()
        .describe('When the journey is run once more, uncounted, with everything recorded.'),
      paintOver: Evidence.shape.paintOver.optional(),
    })
    .optional(),
  traceTo: z
    .array(origin)
    .max(20)
    .optional()
    .describe('Origins that requests carry the trace context to; none when absent.'),
  expect: JourneyExpectations.optional(),
  should: JourneyExpectations.optional(),
})

/** What a journey check has where nobody says otherwise; checks of older coordinators say none of it. */
export const journeyDefaults = () => ({
  params: {},
  secrets: [],
  never: [],
  browser: {},
  recycle: 'when-worn' as const,
  ignoreHttpsErrors: false,
  evidence: {
    screenshots: 'on-failure' as const,
    recording: 'on-failure' as const,
    paintOver: [],
  },
  traceTo: [],
})

const usual = journeyDefaults()

export const JourneyCheck = z.object({
  ...checkBase,
  kind: z.literal('journey'),
  /** Path of the journey below the folder `probes/`, with forward slashes. */
  script: z.string(),
  /** Of a file of Playwright Test: the projects that run, besides those that they depend on; all when absent. */
  projects: z.array(z.string()).optional(),
  /** What the journey gets as `target`: the address that it starts from. */
  url: z.url().optional(),
  params: z.record(z.string(), Scalar).default(usual.params),
  /** Names of the secrets that the journey may read. */
  secrets: z.array(z.string()),
  never: z.array(z.string()).default(usual.never),
  browser: BrowserOptions.default(usual.browser),
  recycle: Recycle.default(usual.recycle),
  ignoreHttpsErrors: z.boolean(),
  evidence: Evidence.default(usual.evidence),
  /** Origins, such as `https://shop.example.com`. */
  traceTo: z.array(z.string()).default(usual.traceTo),
})
export type JourneyCheck = z.infer<typeof JourneyCheck>
