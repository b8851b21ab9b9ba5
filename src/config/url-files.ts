import { isAbsolute, resolve } from "node:path";

/** A server URL whose file options are absolute; relative ones start from `directory`. The rest of it stays as it is. */
export function withAbsoluteFiles(url: string, directory: string): string {
  return url.replace(/([?&](?:ca|cert|key|socket)=)([^&]+)/g, (option: string, name: string, file: string) => {
    const path = decoded(file);
    if (path === null || isAbsolute(path)) return option;
    return name + encodeURIComponent(resolve(directory, path)).replaceAll("%2F", "/");
  });
}

/** null: it is none that the server URL's own parser would take; it says so. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
