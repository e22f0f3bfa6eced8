import { messageOf } from '../../../src/base/app-error.ts'
import { adoptOrphans } from '../adopt-orphans.ts'

/** What each contestant is told, as the first argument of its program. */
export type ContestantSettings = {
  /** Where the shop is. */
  target: string
  chromium: string
  /** Chromium's command line, besides what Playwright adds. */
  browserArguments: readonly string[]
  /** For its files. */
  folder: string
  /** What only this contestant needs to know. */
  variant?: string | undefined
}

export type ContestantOrder = { runs: number }
export type ContestantAnswer =
  | { kind: 'ready' }
  /** All runs of the order passed, one after the other. */
  | { kind: 'ran'; wallMs: number }
  | { kind: 'failed'; message: string }

export type Contestant = {
  /** One journey, from the wish for it until its result is there. Throws when it did not pass. */
  run(): Promise<void>
  stop(): Promise<void>
}

/** A contestant's program: runs journeys when it is told to, until nobody listens. */
export function serveRuns(prepare: (settings: ContestantSettings) => Promise<Contestant>): void {
  const tell = (answer: ContestantAnswer) => void process.send?.(answer)
  const fail = (error: unknown) => tell({ kind: 'failed', message: messageOf(error) })
  adoptOrphans()
  const prepared = prepare(JSON.parse(process.argv[2] ?? '{}') as ContestantSettings)
  prepared.then(() => tell({ kind: 'ready' }), fail)
  process.on('message', async ({ runs }: ContestantOrder) => {
    try {
      const { run } = await prepared
      const startedAt = performance.now()
      for (let i = 0; i < runs; i++) await run()
      tell({ kind: 'ran', wallMs: performance.now() - startedAt })
    } catch (error) {
      fail(error)
    }
  })
  process.on('disconnect', () =>
    prepared
      .then(({ stop }) => stop())
      .finally(() => process.exit(0))
      .catch(() => undefined),
  )
}
