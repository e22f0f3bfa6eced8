import { randomUUID } from 'node:crypto'
import { writeFileSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { Spool } from '../../src/probe/spool/spool.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { aRun } from './builders.ts'
import { begunOf } from './spool.ts'

/**
 * A process that records runs until it is killed: `node spool-writer.ts <folder>`. It prints
 * `began <id>` once a run's begin is written, and `recorded <id>` once the run is; several at a time,
 * some with a file, some acknowledged.
 */
const [folder = ''] = process.argv.slice(2)
const LANES = 12
/** Small segments, so that kills also hit the change from one to the next. */
const SEGMENT_BYTES_MAX = 8_000

// Straight to the pipe: a line that was printed must not be lost with the process.
const say = (word: string, runId: string) => writeSync(1, `${word} ${runId}\n`)

// Who is killed never saves what it compiled; with it the next one is up in half the time.
flushCompileCache()

const spool = await Spool.open({
  folder,
  bytesMax: 64 * 1024 * 1024,
  segmentBytesMax: SEGMENT_BYTES_MAX,
  logger: createLogger('spool', 'silent'),
})
for (const { runId } of spool.interrupted) {
  await spool.record(aRun({ runId, verdict: 'probe_fault' }))
  say('recorded', runId)
}

async function lane(index: number): Promise<void> {
  for (let i = 0; ; i++) {
    const run = aRun({ runId: randomUUID(), log: ['x'.repeat((i % 7) * 150)] })
    await spool.begin(begunOf(run))
    say('began', run.runId)
    const path = join(folder, `picture-${index}.png`)
    const hasPicture = i % 5 === 0
    if (hasPicture) writeFileSync(path, Buffer.alloc(500, i))
    const file = { name: 'screenshot.png', mediaType: 'image/png', bytes: 500, path }
    if ((await spool.record(run, hasPicture ? [file] : [])) === 'disk') say('recorded', run.runId)
    if (i % 3 === 0) {
      // Said before it is done: from here on it may or may not be there.
      say('acknowledged', run.runId)
      await spool.acknowledge([run.runId])
      const artifact = spool.nextArtifact()
      if (artifact) await spool.finishArtifact(artifact, 'uploaded')
    }
  }
}

await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)))
