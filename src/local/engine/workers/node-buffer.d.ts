/** What the gateway uses of workerd's `node:buffer`. */
declare module "node:buffer" {
  export const Buffer: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
}
