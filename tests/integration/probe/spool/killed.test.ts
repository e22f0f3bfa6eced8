import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { PROJECT } from '../../../support/command.ts'
import { longOrShort } from '../../../support/long-or-short.ts'
import { openSpool, unsentIds } from '../../../support/spool.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const KILLS = longOrShort({ long: 50, short: 15 })
/** After the first sign of life; long enough for dozens of runs and several segments, on a slow disk too. */
const LIFE_MS_MAX = 300

const WRITER = join(PROJECT, 'tests/support/spool-writer.ts')

type Said = { began: Set<string>; recorded: Set<string>; acknowledged: Set<string> }

/** Starts a writer, kills it at a random moment of its work, and gives what it had said. */
async function writeAndDie(folder: string, compiled: string): Promise<Said> {
  const writer = spawn(process.execPath, [WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  })
  onTestFinished(() => void writer.kill('SIGKILL'))
  const said = text(writer.stdout)
  await once(writer.stdout, 'readable')
  setTimeout(() => writer.kill('SIGKILL'), Math.random() * LIFE_MS_MAX)
  const [code, signal] = await once(writer, 'exit')
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  const lines = (await said).split('\n').map((line) => line.split(' '))
  const those = (word: string) =>
    new Set(lines.filter(([first]) => first === word).map(([, runId]) => runId ?? ''))
  return {
    began: those('began'),
    recorded: those('recorded'),
    acknowledged: those('acknowledged'),
  }
}

test(`killed ${KILLS} times at random moments: the spool opens, nothing recorded is lost, what began is accounted for`, async () => {
  const [folder, compiled] = [await tempFolder(), await tempFolder()]
  const expected = new Set<string>()
  let recordedCount = 0
  let interruptedCount = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const { began, recorded, acknowledged } = await writeAndDie(folder, compiled)
    for (const runId of recorded) if (!acknowledged.has(runId)) expected.add(runId)
    recordedCount += recorded.size

    const spool = await openSpool(folder)
    const kept = new Set(await unsentIds(spool))
    const lost = [...expected].filter((runId) => !kept.has(runId))
    expect(lost, `lost by kill ${kill}`).toEqual([])

    const interrupted = new Set(spool.interrupted.map(({ runId }) => runId))
    const unaccounted = [...began].filter(
      (runId) => !kept.has(runId) && !interrupted.has(runId) && !acknowledged.has(runId),
    )
    expect(unaccounted, `began and unknown after kill ${kill}`).toEqual([])
    expect(spool.counts.droppedRuns).toBe(0)
    interruptedCount += interrupted.size

    // What was acknowledged before the kill and forgotten again is sent twice, never left for ever.
    const again = [...kept].filter((runId) => acknowledged.has(runId))
    await spool.acknowledge(again)
    for (let file = spool.nextArtifact(); file; file = spool.nextArtifact()) {
      expect(existsSync(file.path)).toBe(true)
      await spool.finishArtifact(file, 'uploaded')
    }
    if (kill % 5 === 0) {
      await spool.acknowledge([...kept])
      expected.clear()
    }
    await spool.close()
  }
  // Otherwise the kills hit nothing.
  expect(recordedCount).toBeGreaterThan(KILLS * 5)
  expect(interruptedCount).toBeGreaterThan(KILLS / 5)
}, 60_000)
