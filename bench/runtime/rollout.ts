import { bucket } from "../../src/runtime/index.js";

const USERS = 100_000;
/** A tenth of all users each. */
const PAIRS = [
  ["checkout-v2", "homepage-v3"],
  ["checkout-v2", "checkout-v3"],
  ["new-ui", "dark-mode"],
] as const;

/** What the seeds paste: a sum of character codes times 31, in 32 bits. */
function pasted(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = ((hash << 5) - hash + text.charCodeAt(index)) | 0;
  return Math.abs(hash) % 100;
}

const HASHES: Record<string, (flag: string, user: string) => boolean> = {
  bucket: (flag, user) => bucket(flag, user) < 1000,
  "the seeds' hash": (flag, user) => pasted(`${user}:${flag}`) < 10,
};

/** Of those who get one flag at 10 %, how many get another at 10 %: a tenth, when flags are independent. */
export function rolloutQuality(): void {
  console.log(`\nOf the users in one rollout of 10 %, those in another of 10 % too (${USERS} users)`);
  for (const [name, gets] of Object.entries(HASHES)) {
    const parts = PAIRS.map(([first, second]) => {
      let one = 0;
      let both = 0;
      for (let index = 0; index < USERS; index++) {
        const user = `user-${index}`;
        if (!gets(first, user)) continue;
        one++;
        if (gets(second, user)) both++;
      }
      return `${first} and ${second} ${((both / one) * 100).toFixed(1)} %`;
    });
    console.log(`${name.padEnd(16)} ${parts.join("   ")}`);
  }
}
