import type { Page } from 'playwright'

export type SeenNavigation = { url: string; cause: 'typed' | 'reloaded' | 'followed' }

/**
 * Tells where a window goes, and whether its page led there or whoever sits before it. Playwright's
 * recorder guesses this from the time that has passed; the browser knows.
 */
export async function watchNavigations(
  page: Page,
  tell: (navigation: SeenNavigation) => void,
): Promise<void> {
  let url = ''
  let mainFrame = ''
  /** The page's own code, or a click in it, asked for it. */
  const requested = new Set<string>()
  const go = (navigation: SeenNavigation) => {
    url = navigation.url
    if (/^https?:/.test(url)) tell(navigation)
  }
  try {
    const session = await page.context().newCDPSession(page)
    session.on('Page.frameRequestedNavigation', ({ frameId, disposition }) => {
      if (disposition === 'currentTab') requested.add(frameId)
    })
    session.on('Page.frameNavigated', ({ frame }) => {
      const isRequested = requested.delete(frame.id)
      if (frame.parentId !== undefined) return
      mainFrame = frame.id
      const cause = frame.url === url ? 'reloaded' : 'typed'
      go({ url: frame.url, cause: isRequested ? 'followed' : cause })
    })
    session.on('Page.navigatedWithinDocument', ({ frameId, url: to }) => {
      if (frameId === mainFrame && withoutHash(to) !== withoutHash(url))
        go({ url: to, cause: 'followed' })
    })
    await session.send('Page.enable')
    const { frameTree } = await session.send('Page.getFrameTree')
    mainFrame ||= frameTree.frame.id
    // A window that a page opened may have got there before we looked.
    if (url === '') go({ url: frameTree.frame.url, cause: 'followed' })
  } catch {
    // The window was closed again at once: there is nothing to tell of it.
  }
}

const withoutHash = (url: string) => url.split('#')[0]
