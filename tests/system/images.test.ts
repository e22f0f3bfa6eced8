import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { preferPort } from '../../src/demo/prefer-port.ts'
import { aFleetFolder } from '../support/fleet-files.ts'
import { buildImages, imageProblem, runConfined, startContainer } from '../support/image-roots.ts'
import { startJourneySite } from '../support/journey-site.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { SELDOM_MS, until } from '../support/until.ts'

const problem =
  longOrShort({ long: undefined, short: 'it takes minutes; run npm run test:long' }) ??
  imageProblem()
if (problem) process.stderr.write(`\nSKIPPED: the images are not built: ${problem}\n`)

const JOURNEY = `import { expect, journey } from 'firewatch'
export default journey(async ({ page, step, target }) => {
  await step('open the shop', () => page.goto(target))
  await step('see the heading', () => expect(page.getByText('Lamp shop')).toBeVisible())
})
`
const TOKEN = 'a-token-for-tests-only'
const METRICS = 'a-token-for-metrics-only'

const BUILD_MS = 20 * 60_000

test.skipIf(problem)(
  'the images are built by their steps, run read-only as nobody, measure with a browser, and stop when they are told',
  async () => {
    const built = buildImages(await tempFolder(), ['coordinator', 'probe-browser'])
    const coordinatorImage = built.get('coordinator')
    const probeImage = built.get('probe-browser')
    if (!coordinatorImage || !probeImage) throw new Error('the images were not made')

    const site = await startJourneySite()
    onTestFinished(() => site.stop())
    const definitions = await aFleetFolder({
      'probes/shop/shop.checks.yaml': `service: shop
checks:
  - { id: home, kind: http, url: '${site.url}', every: 2s }
  - { id: walk, kind: journey, script: walk.journey.ts, url: '${site.url}', every: 5s }
`,
      'probes/shop/walk.journey.ts': JOURNEY,
    })
    const port = await preferPort(0)
    const metricsPort = await preferPort(0)
    const address = `http://127.0.0.1:${port}`
    const start = async (
      image: typeof coordinatorImage,
      environment: Record<string, string>,
      ownPort: number,
    ) => {
      const container = startContainer(image, {
        dataFolder: await tempFolder(),
        environment: { FIREWATCH_PROBE_TOKEN: TOKEN, ...environment },
        mounts: {
          '/app/probes': join(definitions, 'probes'),
          ...('FIREWATCH_REGION' in environment
            ? {}
            : { '/app/config': join(definitions, 'config') }),
        },
      })
      onTestFinished(async () => {
        if (container.process.exitCode !== null) return
        container.signal('SIGKILL')
        await once(container.process, 'exit')
      })
      // The image asks on its own port; here another may have it.
      image.config.health = image.config.health.map((word) =>
        word.replace(/:(8080|9464)\//, `:${ownPort}/`),
      )
      await until(
        'it says that it is well',
        () => {
          if (container.process.exitCode !== null) throw new Error(container.output())
          return container.health().status === 0
        },
        { withinMs: 60_000, everyMs: SELDOM_MS },
      )
      return container
    }
    const metrics = async (from: string) =>
      (await fetch(`${from}/metrics`, { headers: { authorization: `Bearer ${METRICS}` } })).text()

    const coordinator = await start(
      coordinatorImage,
      {
        FIREWATCH_PORT: String(port),
        FIREWATCH_HOST: '127.0.0.1',
        FIREWATCH_METRICS_TOKEN: METRICS,
      },
      port,
    )
    expect(await (await fetch(address)).text()).toContain('<div id="dashboard">')
    const probe = await start(
      probeImage,
      {
        FIREWATCH_COORDINATOR_URL: address,
        FIREWATCH_REGION: 'eu-west',
        FIREWATCH_METRICS_HOST: '127.0.0.1',
        FIREWATCH_METRICS_PORT: String(metricsPort),
      },
      metricsPort,
    )
    for (const check of ['home', 'walk'])
      await until(
        `${check} passed`,
        async () => {
          const told = await metrics(`http://127.0.0.1:${metricsPort}`)
          const passed = new RegExp(
            `synthetics_check_runs_total\\{[^}]*check_id="${check}"[^}]*verdict="passed"`,
          )
          if (!passed.test(told))
            throw new Error(
              told
                .split('\n')
                .filter((line) => line.includes('check_runs'))
                .join('\n'),
            )
          return true
        },
        { withinMs: 90_000, everyMs: SELDOM_MS },
      )
    expect(await metrics(address)).toMatch(/synthetics_ingest_runs_total\{[^}]*outcome="stored"/)

    const echo = runConfined(probeImage, ['ping', '-n', '-c', '1', '127.0.0.1'])
    expect(echo.stderr).toBe('')
    expect(echo.stdout).toContain('1 received')

    for (const container of [probe, coordinator]) {
      const { process: child } = container
      container.signal('SIGTERM')
      await until('it has stopped', () => child.exitCode !== null, { withinMs: 15_000 })
      expect(child.exitCode).toBe(143)
      expect(container.health().status).toBe(1)
    }
    // What is not needed to run is not in the image.
    const inside = readdirSync(join(coordinatorImage.root, 'app/node_modules'))
    expect(inside).toContain('fastify')
    expect(inside).not.toContain('vitest')
  },
  BUILD_MS,
)
