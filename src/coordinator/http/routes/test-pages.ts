import {
  getTestPage,
  sendTestPage,
  type TEST_PAGE_ROUTES,
} from '../../../protocol/test-page-api.ts'
import { actorOf } from '../../access/caller.ts'
import { findTestPage, startTestPage } from '../../test-page-desk.ts'
import { defineRoute, type Route } from '../define-route.ts'

/** Not compiling? A contract was added to `protocol/test-page-api.ts`, and nothing answers it yet. */
const routes: { [Name in keyof typeof TEST_PAGE_ROUTES]: Route } = {
  sendTestPage: defineRoute(sendTestPage, ({ params, body }, parts, caller) =>
    startTestPage(parts, params.personId, actorOf(caller, body.by)),
  ),
  getTestPage: defineRoute(getTestPage, ({ params }, parts) => findTestPage(parts, params.testId)),
}

export const testPageRoutes: readonly Route[] = Object.values(routes)
