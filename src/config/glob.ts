/**
 * Does a text fit a glob: `*` stands for any text, `?` for one character? Only the last star is ever tried again, so that a glob of many
 * stars takes no longer than text times glob; the regular expression it could be takes for ever.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const wanted = Array.from(glob);
  return (text) => {
    const letters = Array.from(text);
    let at = 0;
    let star = -1;
    let from = 0;
    for (let i = 0; i < letters.length; ) {
      if (wanted[at] === "*") {
        star = at++;
        from = i;
      } else if (wanted[at] === "?" || wanted[at] === letters[i]) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++from;
      } else return false;
    }
    while (wanted[at] === "*") at++;
    return at === wanted.length;
  };
}
