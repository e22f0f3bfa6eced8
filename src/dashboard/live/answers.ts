import type {
  getOnCall,
  getOnCallForService,
  lintOnCall,
  listOnCallChanges,
  listOnCallShifts,
} from '../../protocol/on-call-api.ts'
import type {
  getIncidentTimes,
  getPostmortem,
  listActionItems,
  listPostmortemRevisions,
  listPostmortems,
} from '../../protocol/postmortem-api.ts'

import type {
  getCheck,
  getFailures,
  getIncident,
  getRun,
  listObjectives,
  listQueries,
  RouteContract,
} from '../../protocol/public-api.ts'

/** What a route answers with, from its contract; only the type, so that no schema is loaded. */
type AnswerOf<Contract extends Pick<RouteContract, 'response'>> = Contract['response']['_output']

export type IncidentAnswer = AnswerOf<typeof getIncident>
export type RunAnswer = AnswerOf<typeof getRun>
export type CheckAnswer = AnswerOf<typeof getCheck>
export type ObjectivesAnswer = AnswerOf<typeof listObjectives>
export type QueriesAnswer = AnswerOf<typeof listQueries>
export type FailuresAnswer = AnswerOf<typeof getFailures>

export type PostmortemAnswer = AnswerOf<typeof getPostmortem>
export type RevisionsAnswer = AnswerOf<typeof listPostmortemRevisions>
export type TimesAnswer = AnswerOf<typeof getIncidentTimes>
export type PostmortemsAnswer = AnswerOf<typeof listPostmortems>
export type ActionItemsAnswer = AnswerOf<typeof listActionItems>

export type IncidentFinding = IncidentAnswer['incident']['findings'][number]
export type Delivery = IncidentAnswer['notifications'][number]

export type OnCallAnswer = AnswerOf<typeof getOnCall>
export type ShiftsAnswer = AnswerOf<typeof listOnCallShifts>
export type OnCallChangesAnswer = AnswerOf<typeof listOnCallChanges>
export type OnCallChange = OnCallChangesAnswer['data'][number]
export type OnCallLint = AnswerOf<typeof lintOnCall>
export type OnCallForServiceAnswer = AnswerOf<typeof getOnCallForService>
export type HeldRole = ShiftsAnswer['data'][number]['primary']
