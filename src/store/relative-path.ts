/** A relative path of plain names: no way up, no root, no empty name, and nothing another system would read as such. */
export function isPlainRelative(path: string): boolean {
  if (path === "" || /[\0\\:]/.test(path)) return false;
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}
