import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { setPageTitle } from '../live/page-title.ts'

/** Where the focus goes when a page is entered. */
export const HEADING_ID = 'heading'

/** A page's answer in one sentence. `title` is what the browser's tab shows. */
export function PageHeading({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => setPageTitle(title), [title])
  return (
    <h1 id={HEADING_ID} tabIndex={-1}>
      {children}
    </h1>
  )
}
