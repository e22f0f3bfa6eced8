import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { messageOf } from '../../../base/app-error.ts'
import { PATHS } from '../../../protocol/public-paths.ts'
import { routesAreFor } from '../../access/guard.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'

/**
 * Playwright's trace viewer, as its package brings it, below a path of its own. A trace holds pages
 * that targets sent: the viewer shows them without their scripts, and this policy keeps whatever is
 * in them from loading anything that is not of this coordinator.
 */
export async function registerTraceViewer(
  server: FastifyInstance,
  { logger }: CoordinatorParts,
): Promise<void> {
  const folder = viewerFolder()
  let page: string
  try {
    page = await readFile(join(folder, 'index.html'), 'utf8')
  } catch (error) {
    // The dashboard then offers the file alone; nothing else depends on it.
    logger.warn(
      { error: messageOf(error) },
      "Playwright's trace viewer is not where it is expected",
    )
    return
  }
  const policy = viewerPolicy(page)
  await server.register(async (scope) => {
    routesAreFor(scope, 'viewer')
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: PATHS.traceViewer,
      decorateReply: false,
      setHeaders: (reply) => {
        reply.header('content-security-policy', policy)
        reply.header('cache-control', 'no-cache')
      },
    })
  })
}

/** `show-trace` serves the same files; their place is Playwright's own affair, not of its interface. */
function viewerFolder(): string {
  const fromPlaywright = createRequire(createRequire(import.meta.url).resolve('playwright'))
  const core = dirname(fromPlaywright.resolve('playwright-core/package.json'))
  return join(core, 'lib/vite/traceViewer')
}

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g

/** Own files only, and the scripts that stand in the viewer's page itself, by their hashes. */
function viewerPolicy(page: string): string {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes].join(' ')}`,
    // Its parts are placed by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self' data:",
    "media-src 'self' blob: data:",
    "connect-src 'self' data:",
    "worker-src 'self'",
    // Its empty page before the first picture of one is a `data:` address.
    "frame-src 'self' blob: data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
