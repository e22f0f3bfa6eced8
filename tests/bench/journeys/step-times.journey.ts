import { journey } from 'firewatch'

/** One step for each wait that `params.waits` lists: `open:<ms>:<id>` or `ask:<ms>:<id>`. */
export default journey(async ({ page, step, target, params }) => {
  await page.goto(`${target}page`)
  for (const wait of String(params.waits).split(',')) {
    const [kind, ms, id] = wait.split(':')
    const query = `?ms=${ms}&id=${id}`
    if (kind === 'open') await step(wait, () => page.goto(`${target}page${query}`))
    else {
      const button = page.getByRole('button', { name: 'Ask' })
      await button.evaluate((element, to) => void element.setAttribute('data-query', to), query)
      await step(wait, async () => {
        const answered = page.waitForResponse((response) => response.url().endsWith(query))
        await button.click()
        await (await answered).finished()
      })
    }
  }
})
