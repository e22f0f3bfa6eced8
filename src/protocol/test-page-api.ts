import { z } from 'zod'
import { DeliveryState } from './delivery.ts'
import { NAME_LENGTH_MAX, PersonId } from './ids.ts'
import type { RouteContract } from './public-api.ts'
import { PATHS } from './public-paths.ts'
import { ContactKindName } from './written-on-call.ts'

/** Pages that test whether a person can be reached: sent as real ones are, once to each contact. */

export const TestPage = z.object({
  testId: z.uuid(),
  person: z.object({ id: PersonId, name: z.string() }),
  contacts: z.array(
    z.object({
      id: z.string(),
      kind: ContactKindName,
      /** The day that is written, when somebody answered a test. */
      verified: z.string().optional(),
      state: DeliveryState,
      lastError: z.string().optional(),
    }),
  ),
})
export type TestPage = z.infer<typeof TestPage>

export const sendTestPage = {
  method: 'POST',
  path: PATHS.testPages,
  access: 'responder',
  summary: 'Sends a test page to each contact of a person, verified or not. It verifies nothing.',
  params: z.object({ personId: PersonId }),
  body: z.strictObject({ by: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional() }),
  response: TestPage,
} as const satisfies RouteContract

export const getTestPage = {
  method: 'GET',
  path: PATHS.testPage,
  access: 'viewer',
  summary: 'What became of a test page, for each contact.',
  params: z.object({ testId: z.uuid() }),
  response: TestPage,
} as const satisfies RouteContract

export const TEST_PAGE_ROUTES = { sendTestPage, getTestPage } as const
