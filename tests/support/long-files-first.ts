import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take a quarter of a minute or more, and are too short for anybody to see that. Without earlier
 * times to go by, files begin in the order of their size; one of these as the last would run alone for all of
 * its time.
 */
const LONG = [
  'system/killed-coordinator',
  'system/no-browser',
  'system/confirmation',
  'system/killed-pager',
  'integration/cli/run-test-file',
  'integration/probe/journey/test-files',
  'integration/probe/journey/hostile-suite',
  'integration/probe/journey/killed-probe',
  'integration/demo/journeys',
].map((name) => `/tests/${name}.test.ts`)

/** Begins with the longest, so that two at a time end at about the same moment. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
