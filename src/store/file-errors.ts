import { VtpipeError } from "../contracts/errors.ts";

/** errno names by which the local disk says that it takes no more or lets us not write. */
const diskErrors: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "writing is not permitted",
  EPERM: "writing is not permitted",
  EFBIG: "the file is too large for the file system",
  EIO: "the disk reports an input/output error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** A failed write as a `disk` error. `now` says what is true on the disk after it. */
export function diskError(path: string, cause: unknown, now: string): VtpipeError {
  if (cause instanceof VtpipeError) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  return new VtpipeError({
    code: "disk",
    message: `Cannot write ${path}: ${diskErrors[code] ?? message}${code === "" ? "" : ` (${code})`}.`,
    now,
    todo: "Make room or set the permissions right, then run the same command again: it goes on where it stopped.",
    context: { file: path, ...(code === "" ? {} : { errno: code }) },
    cause,
  });
}

const unreadableBecause: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link",
  ENXIO: "it is a socket and no file",
};

/** A file that cannot be read at all, as a `files` error. */
export function unreadable(path: string, cause: unknown): VtpipeError {
  if (cause instanceof VtpipeError) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const why = unreadableBecause[code] ?? message;
  return new VtpipeError({
    code: "files",
    message: `Cannot read ${path}: ${why}.`,
    now: "Nothing of it was used.",
    todo: "Check the path and its permissions; if the file is lost, copy it again from where it was made, or dump again.",
    context: { file: path, ...(code === "" ? {} : { errno: code }) },
    cause,
  });
}

/** Does this thrown value say that the file or folder is not there? */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === "ENOENT";
}
