/** What journey authors import: `import { expect, journey } from 'firewatch'`. */
export { expect } from 'playwright/test'
export {
  isJourney,
  type Journey,
  type JourneyBody,
  type JourneyContext,
  type JourneyOptions,
  journey,
  type Param,
  type StepOptions,
} from './journey.ts'
