import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

/** What one program, with all it started, came to. */
export interface Measured {
  readonly wallSeconds: number;
  /** User and system time of the program and of every child it waited for. */
  readonly cpuSeconds: number;
  /** Largest resident size, over a pipe the sum of both sides; null where there is no /proc. */
  readonly peakRssMiB: number | null;
  readonly stdout: string;
  /** Why it failed, in its own words; null: it did not. */
  readonly failure: string | null;
}

export interface MeasureOptions {
  /** A failure is an answer, too: it is returned and not thrown. */
  readonly mayFail?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Told each line the program prints, and when: seconds since its start. */
  readonly onLine?: (line: string, seconds: number) => void;
}

const SAMPLE_MS = 20;
/** Of what the program prints only the end is kept: an error, or a summary line, which is longer the more tables there are. */
const KEPT_CHARACTERS = 64 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;

/** One word of a shell line, whatever it holds. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export function line(command: readonly string[]): string {
  return command.map(quoted).join(" ");
}

/**
 * Runs a shell line and measures it. CPU time comes from the shell's `times` (POSIX: its second line is the children
 * that were waited for), which is exact and needs no program that may be missing. Throws when the line fails.
 */
export async function measure(shellLine: string, options: MeasureOptions = {}): Promise<Measured> {
  const script = `${shellLine}\ncode=$?\ntimes >&3\nexit $code`;
  const startedAt = performance.now();
  const child = spawn("/bin/sh", ["-c", script], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  let lastLine = "";
  const onLine = (text: string): void => {
    lastLine = text;
    options.onLine?.(text, seconds());
  };
  const texts = [
    tailOf(child.stdout as NodeJS.ReadableStream, onLine),
    tailOf(child.stderr as NodeJS.ReadableStream),
    tailOf(child.stdio[3] as NodeJS.ReadableStream),
  ];
  const peaks = new Map<number, number>();
  const sampler = setInterval(() => void sample(child.pid ?? 0, peaks), SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      clearInterval(sampler);
      resolve(status);
    });
  });
  const wallSeconds = seconds();
  const [stdout = "", stderr = "", times = ""] = await Promise.all(texts);
  const failure = code === 0 ? null : `it ended with ${code}: ${reasonOf(lastLine, stdout, stderr)}`;
  if (failure !== null && !options.mayFail) throw new Error(failure);
  const peakKiB = [...peaks.values()].reduce((sum, one) => sum + one, 0);
  return {
    wallSeconds,
    cpuSeconds: childSeconds(times),
    peakRssMiB: peakKiB === 0 ? null : peakKiB / 1024,
    stdout,
    failure,
  };
}

/** Seconds from what `times` prints: two lines of `<minutes>m<seconds>s`, user and system, the second of the children. */
export function childSeconds(times: string): number {
  const children = times.trim().split("\n")[1] ?? "";
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`the shell's times are not understood: ${times}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** Largest resident size so far in KiB, from the text of /proc/<pid>/status; 0 when it does not say. */
export function peakOf(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

/** Looks at the shell's children. The kernel keeps their peak, so a look shortly before the end tells all but the last moment. */
async function sample(shell: number, peaks: Map<number, number>): Promise<void> {
  const children = await readFile(`/proc/${shell}/task/${shell}/children`, "utf8").catch(() => "");
  for (const pid of children.split(" ").filter(Boolean).map(Number)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(status)));
  }
}

/** The end of what a stream says; `onLine` is told of every line that has come to its end. */
async function tailOf(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): Promise<string> {
  let text = "";
  let unfinished = "";
  stream.setEncoding("utf8");
  for await (const part of stream as AsyncIterable<string>) {
    text = `${text}${part}`.slice(-KEPT_CHARACTERS);
    if (onLine === undefined) continue;
    const lines = `${unfinished}${part}`.split("\n");
    unfinished = (lines.pop() ?? "").slice(-LONGEST_LINE);
    for (const line of lines) onLine(line);
  }
  return text;
}

/** Our own commands tell in JSON why they failed, others in the last lines. */
function reasonOf(lastLine: string, stdout: string, stderr: string): string {
  const told = /"message":("(?:[^"\\]|\\.)*")/.exec(lastLine)?.[1];
  if (told !== undefined) return JSON.parse(told) as string;
  const text = stderr.trim() || stdout.trim();
  return text.split("\n").slice(-3).join(" ").slice(-500);
}
