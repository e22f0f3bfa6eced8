import type { BrowserContext, Page } from 'playwright'
import type { Journey, JourneyContext, Param } from '../../../src/sdk/journey.ts'

type Parts = {
  page: Page
  context: BrowserContext
  target: string
  params?: Record<string, Param>
  /** Goes around each step; without it a step is its body and nothing else. */
  step?: (name: string, body: () => unknown) => Promise<unknown>
}

/** What a journey does, without Firewatch: the same file serves every contestant. */
export async function runBody(journey: Journey, parts: Parts): Promise<void> {
  const { page, context, target, params = {}, step = async (_, body) => body() } = parts
  const unwanted = (): never => {
    throw new Error('journeys of the bench have steps only')
  }
  await journey.body({
    page,
    context,
    request: context.request,
    target,
    step: step as JourneyContext['step'],
    soft: unwanted,
    skip: unwanted,
    params,
    secrets: {},
    totp: unwanted,
    log: () => undefined,
  })
}
