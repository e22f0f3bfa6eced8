import { Worker } from 'node:worker_threads'
import { messageOf } from '../../../base/app-error.ts'
import type { TriedFile, TryOrder } from '../../try-journeys.ts'
import { createJourneyLoader, JourneyLoadError } from './load-journey.ts'
import type { WatchdogData } from './watchdog.ts'

/**
 * Loads journeys, one after the other, and says of each what is wrong with it. A process of its own:
 * loading a file executes it, and it may do whatever it likes.
 */
const [, , folder = ''] = process.argv
const workerData: WatchdogData = { pipe: 4, folder }
new Worker(new URL('./watchdog.ts', import.meta.url), { workerData, env: {} })
const loader = createJourneyLoader()

process.on('message', ({ file }: TryOrder) => {
  loader.load(file).then(
    () => say({ file, problems: [] }),
    (error: unknown) =>
      say({
        file,
        problems: [
          error instanceof JourneyLoadError
            ? error.problem
            : { file, line: 1, column: 1, message: messageOf(error) },
        ],
      }),
  )
})
// What a journey leaves behind must not end the process that others are still to be loaded in.
process.on('unhandledRejection', () => undefined)

const say = (tried: TriedFile) => void process.send?.(tried)
