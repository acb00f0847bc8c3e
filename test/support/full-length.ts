/**
 * `FULL_LENGTH_TESTS=1` runs the long tests as operators would live through them: at the real limit, with outages as
 * long as they are meant. Without it they run in a hurry, which is enough to notice what breaks.
 */
const isFullLength = process.env.FULL_LENGTH_TESTS === '1';

/** The limit of the cloud, or one that gets a test over with. */
export function limitOr(hurriedCallsPerSecond: number): number {
  return isFullLength ? 20 : hurriedCallsPerSecond;
}

/** Either of two numbers. */
export function fullLengthOr(fullLength: number, hurried: number): number {
  return isFullLength ? fullLength : hurried;
}
