import { AppError } from '../../base/app-error.ts'

/** Where a page of a list ended, as an opaque text for the next request. */
export function toCursor(place: (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * The place that {@link toCursor} wrote down.
 *
 * @throws {AppError} `request.invalid` for anything else.
 */
export function fromCursor(cursor: string): (string | number)[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(place) && place.every((part) => ['string', 'number'].includes(typeof part)))
      return place
  } catch {
    // Not one of ours; the error below says so.
  }
  throw new AppError('request.invalid', 'cursor: take it from nextCursor of the page before')
}

/** Cuts one item too many into a page and the cursor of the next. */
export function toPage<T>(
  found: T[],
  limit: number,
  placeOf: (item: T) => (string | number)[],
): { data: T[]; nextCursor: string | null } {
  const data = found.slice(0, limit)
  const last = data.at(-1)
  return {
    data,
    nextCursor: found.length > limit && last !== undefined ? toCursor(placeOf(last)) : null,
  }
}
