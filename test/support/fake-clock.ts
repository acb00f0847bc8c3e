import { existsSync } from 'node:fs';

const libraries = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
];

/** Debian's libfaketime, if it is installed. */
export const fakeTimeLibrary = libraries.find((path) => existsSync(path));

/**
 * The environment of a process whose wall clock is off, as `+2s` or `-1h`; its monotonic clock stays true, as that of a
 * machine with a wrong time does.
 */
export function fakeClock(offset: string): Record<string, string> {
  return {
    LD_PRELOAD: fakeTimeLibrary ?? '',
    FAKETIME: offset,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** The same, with the offset read anew from a file every time. */
export function movedClock(file: string): Record<string, string> {
  return {
    LD_PRELOAD: fakeTimeLibrary ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}
