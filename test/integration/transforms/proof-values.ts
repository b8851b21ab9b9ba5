/** SQL for values of each kind, extremes first; NULL is added by the proof. */
export const integers = (bits: number, unsigned: boolean): string[] => {
  const span = 2n ** BigInt(bits);
  const low = unsigned ? 0n : -span / 2n;
  const high = low + span - 1n;
  return [low, low + 1n, high - 1n, high, 0n, 1n, 7n, 42n, 49n, 50n, 51n, 99n].map(String);
};

export const decimals: readonly string[] = [
  "0",
  "-999.99",
  "999.99",
  "0.01",
  "-0.01",
  "0.5",
  "-0.5",
  "1.25",
  "-1.25",
  "42.42",
  "-99.95",
  "7",
];

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** Text with 4-byte characters, marks that collations ignore, cases that differ, spaces, quotes, zero bytes. */
const texts: readonly string[] = [
  "",
  " ",
  "  a b  ",
  "a",
  "A",
  "á",
  "ÁÉ straße ǅ İı",
  "e\u0301",
  "é",
  "漢字😀🧪",
  "😀",
  "\u{10ffff}x",
  'it\'s \\ "quoted"',
  "a\u0000b\u0000",
  "tab\tline\n",
  "xxaxxAxx",
  "aaaa",
  "ab",
  "CafÃ©",
  "ä€",
  "someone@example.com",
  "someone@EXAMPLE.com ",
  "0",
  "*",
  "a\u200bb",
];

export const wideTexts: readonly string[] = texts.map(quote);

/** Those of them that latin1 has, and one with all its upper half. */
export const latinTexts: readonly string[] = [
  ...texts
    .filter((text) => [...text].every((c) => c === "€" || (c < "\u0100" && (c < "\u007f" || c > "\u00a0"))))
    .map(quote),
  "CONVERT(x'c383c2a9e282acc29d80' USING latin1)",
];

export const dates: readonly string[] = [
  "'0000-00-00'",
  "'2024-00-00'",
  "'2024-02-00'",
  "'0000-01-01'",
  "'0001-01-01'",
  "'9999-12-31'",
  "'2024-02-29'",
  "'2023-02-28'",
  "'1970-01-01'",
  "'1582-10-10'",
  "'1900-03-01'",
];

export const datetimes = (fsp: number): string[] => {
  const fraction = fsp === 0 ? "" : `.${"123456".slice(0, fsp)}`;
  return [
    "'0000-00-00 00:00:00'",
    "'2024-00-00 00:00:00'",
    "'2024-00-10 12:00:00'",
    "'0001-01-02 00:00:00'",
    `'9999-12-30 23:59:59${fraction}'`,
    `'2024-02-29 23:59:59${fraction}'`,
    `'2024-03-31 02:30:00${fraction}'`,
    `'1969-12-31 23:59:59${fraction}'`,
  ];
};

export const timestamps = (fsp: number): string[] => {
  const fraction = fsp === 0 ? "" : `.${"123456".slice(0, fsp)}`;
  return [
    "'0000-00-00 00:00:00'",
    "'1970-01-05 00:00:01+00:00'",
    `'2038-01-15 03:14:07+00:00'`,
    `'2024-02-29 23:59:59${fraction}+00:00'`,
    `'2024-03-31 02:30:00${fraction}+01:00'`,
  ];
};

export const documents: readonly string[] = [
  "'null'",
  "'{}'",
  "'[]'",
  "'1'",
  "'\"text\"'",
  `'{"a": 1}'`,
  `'{"a": null, "b": [1, {"a": 2}], "bb": {"a": {"c": "x"}}}'`,
  `'{"a": {"b": {"c": 1.5, "d": 18446744073709551615}}, "é": "漢😀", "quote\\\\"": "back\\\\\\\\slash\\\\n}"}'`,
  `'{"a": {"b": 7, "é": [1e308, 0.1, true]}}'`,
  `'{"z": {"b": 1}, "a": "scalar"}'`,
  `'[{"a": {"b": 1}}]'`,
  `JSON_OBJECT('a', JSON_OBJECT('b', '${"long €".repeat(60)}', 'c', 1))`,
];
