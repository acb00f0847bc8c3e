import { readdirSync, readFileSync } from 'node:fs';

/** The most memory that a process has had resident so far, in MiB. Linux only; undefined when the process is gone. */
export function peakMemoryMiB(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1_024;
  } catch {
    return undefined;
  }
}

/** Watches until the process ends; the last look is at most 50 ms before that. */
export function watchPeakMemory(pid: number): { stop(): number } {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, peakMemoryMiB(pid) ?? 0);
  };
  const timer = setInterval(look, 50);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/** The memory that a process has resident now, in MiB. Linux only; undefined when the process is gone. */
export function residentMiB(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1_024;
  } catch {
    return undefined;
  }
}

/** How many files, sockets and the like a process has open. Linux only. */
export function handleCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
