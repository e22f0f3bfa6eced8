import type { ComponentChildren } from 'preact'
import { PageHeading } from './page-heading.tsx'

/** Around what somebody sees who is not signed in: nothing of the fleet. */
export function OutsideFrame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="outside">
      <div class="outside-card">
        <p class="outside-brand">
          <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path class="slot-passed" d="M4 14h6v14H4zM13 8h6v20h-6z" />
            <path class="slot-failed" d="M22 4l3 7 3-7v24h-6z" />
          </svg>
          Firewatch
        </p>
        <PageHeading title={title}>{title}</PageHeading>
        {children}
      </div>
    </main>
  )
}
