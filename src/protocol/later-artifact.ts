/** Files that may come after a run, by name; which of them do, the run announces. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['trace.zip', 'application/zip'],
  ['network.har', 'application/json'],
  ['video.webm', 'video/webm'],
  // As text: no browser may take what a target sent for a page of ours.
  ['page.html', 'text/plain'],
  ['console.txt', 'text/plain'],
  ['recording.json', 'application/json'],
  ['screenshot.png', 'image/png'],
])

const STEP_PICTURE = /^step-\d{1,3}\.png$/

/** The media type of a file that comes after its run; undefined for a name that nobody may announce. */
export const laterMediaType = (name: string): string | undefined =>
  STEP_PICTURE.test(name) ? 'image/png' : MEDIA_TYPES.get(name)
