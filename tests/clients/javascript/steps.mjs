// A conversation in lines of JSON: {"do": <step>, …} comes in, {"answer": …} or {"error": …} goes out, in the same order.

import { createInterface } from "node:readline";

export async function converse(steps) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: step, ...told } = JSON.parse(line);
    let said;
    try {
      said = { answer: (await steps[step](told)) ?? null };
    } catch (error) {
      said = { error: `${error?.stack ?? error}`, status: error?.statusCode ?? error?.response?.status ?? null };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
  process.exit(0);
}
