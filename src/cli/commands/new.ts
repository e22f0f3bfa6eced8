import type { Command } from 'commander'
import { wrapText } from '../wrap-text.ts'
import { placeJourney, sayWritten, startOf, writeJourney } from '../write-journey.ts'

type Options = { dir: string; url?: string }

/** `firewatch new`: skeletons to begin with. */
export function addNewCommand(program: Command): void {
  program
    .command('new')
    .description('Begin something new, from a skeleton that works.')
    .command('journey')
    .description('Make a journey that opens a page, and its check.')
    .argument('<service>', 'the service that it belongs to, from config/services.yaml')
    .argument('<name>', 'its name, such as checkout-stop')
    .option('--url <url>', "where it starts; when absent, where the service's other journeys do")
    .option('--dir <folder>', 'folder that holds probes/ and config/', '.')
    .addHelpText('after', wrapText(HELP))
    .action(async (service: string, name: string, { dir: folder, url }: Options) => {
      const place = await placeJourney(service, name, { folder, environment: process.env })
      await writeJourney(place, { source: SKELETON, url: startOf(place, url) })
      process.stdout.write(sayWritten(place))
    })
}

const HELP = `
Writes probes/<service>/<name>.journey.ts, and adds a check to probes/<service>/<service>.checks.yaml.
Nothing that is there is overwritten. Exits with 2 when a name cannot be taken.`

const SKELETON = `import { expect, journey } from 'firewatch'

/** Somebody opens the page. */
export default journey(async ({ page, step, target }) => {
  await step('open the page', async () => {
    const response = await page.goto(target)
    expect(response?.status(), 'status of the page').toBeLessThan(400)
  })
})
`
