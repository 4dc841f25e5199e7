// Splits what a program prints into lines, with bounded memory.

/** A longer line is cut into several, as CloudWatch does with events over 256 KB. */
const MAX_LINE_BYTES = 256 * 1024;

/** Returns the function to call with each piece, and with undefined at the end. */
export function lineSplitter(onLine: (line: string) => void): (piece: Buffer | undefined) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (piece) => {
    const text =
      rest + (piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true }));
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      if (end === -1) break;
      onLine(text.slice(from, text[end - 1] === '\r' ? end - 1 : end));
      from = end + 1;
    }
    rest = text.slice(from);
    while (rest.length > MAX_LINE_BYTES) {
      onLine(rest.slice(0, MAX_LINE_BYTES));
      rest = rest.slice(MAX_LINE_BYTES);
    }
    if (piece === undefined && rest !== '') {
      onLine(rest);
      rest = '';
    }
  };
}
