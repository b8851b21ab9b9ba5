import { type HandoffCheck, warning } from "./facts.ts";

/** What Vitess's own accounts are called unless somebody calls them otherwise. */
const vitessAccount = /^vt_(app|appdebug|allprivs|dba|filtered|repl)$/;
const named = 8;

/** Who is on the source without vtgate? SwitchTraffic holds off those who come through it, and nobody else. */
export const checkDirectWriters: HandoffCheck = ({ accounts, source }) => {
  const others = accounts
    .filter(({ user }) => user !== source.user && !vitessAccount.test(user))
    .sort((a, b) => b.sessions - a.sessions || (a.user < b.user ? -1 : 1));
  if (others.length === 0) return [];
  const shown = others.slice(0, named).map(({ user, host, sessions }) => `${user}@${host} (${sessions})`);
  const more = others.length > named ? ` and ${others.length - named} more` : "";
  return [
    warning(
      "direct-writers",
      `On the source itself there are sessions of ${shown.join(", ")}${more}. A switch holds off those who come through vtgate, and nobody who is on MySQL directly.`,
      "Before the switch, stop those of them that write, or take away their privileges; accounts of the tablet itself have to stay.",
    ),
  ];
};
