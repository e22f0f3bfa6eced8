import { STANDING_WORDS, type Standing } from '../words/region-standing.ts'

/** How a check stands in a region: a sign and a word. */
export function StandingMark({ standing }: { standing: Standing }) {
  const { mark, word } = STANDING_WORDS[standing]
  return (
    <span class={`standing tone-${standing}`}>
      <span class="standing-mark" aria-hidden="true">
        {mark}
      </span>
      {word}
    </span>
  )
}
