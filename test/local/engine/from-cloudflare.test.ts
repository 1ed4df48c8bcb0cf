import { bindingOf, moduleOf } from "../../../src/local/engine/from-cloudflare.js";

describe("a module's content type", () => {
  const BYTES = new Uint8Array([0x61, 0x62]);

  it.each([
    ["application/javascript+module", "esm"],
    ["text/javascript+module", "esm"],
    ["Application/JavaScript+Module; charset=utf-8", "esm"],
    ["application/javascript", "commonjs"],
    ["text/javascript;charset=utf-8", "commonjs"],
    ["text/x-python", "python"],
    ["text/x-python-requirement", "text"],
    ["text/plain", "text"],
    ["text/html; charset=utf-8", "text"],
  ])("%s makes a module of type %s, as a string", (contentType, type) => {
    expect(moduleOf("a", contentType, BYTES)).toEqual({ name: "a", type, content: "ab" });
  });

  it.each([
    ["application/wasm", "wasm"],
    ["application/octet-stream", "data"],
    ["image/png", "data"],
    ["", "data"],
  ])("%s makes a module of type %s, as bytes", (contentType, type) => {
    expect(moduleOf("a", contentType, BYTES)).toEqual({ name: "a", type, content: BYTES });
  });
});

describe("a binding in Cloudflare's words", () => {
  it.each([
    ["r2_bucket", { bucket_name: "media" }, { bucketName: "media" }],
    ["queue", { queue_name: "jobs" }, { queueName: "jobs" }],
    ["analytics_engine", { dataset: "visits" }, { dataset: "visits" }],
    ["analytics_engine", {}, { dataset: "B" }],
    ["durable_object_namespace", { class_name: "Room" }, { className: "Room" }],
    ["durable_object_namespace", { class_name: "Room", script_name: "" }, { className: "Room" }],
    [
      "durable_object_namespace",
      { class_name: "Room", script_name: "chat" },
      { className: "Room", scriptName: "chat" },
    ],
    ["ratelimit", { simple: { limit: 5, period: 10 } }, { limit: 5, period: 10 }],
    ["assets", {}, {}],
    ["version_metadata", {}, {}],
  ])("%s %j becomes the engine's", (type, attributes, expected) => {
    expect(bindingOf("B", type, attributes)).toEqual({ type, name: "B", ...expected });
    expect(bindingOf("B", type.toUpperCase(), attributes)).toEqual({ type, name: "B", ...expected });
  });

  it.each([
    ["r2_bucket", {}],
    ["r2_bucket", { bucket_name: "" }],
    ["queue", { queue_name: 5 }],
    ["durable_object_namespace", {}],
    ["ratelimit", { simple: { limit: "5", period: 10 } }],
    ["ratelimit", { simple: { limit: 5, period: 30 } }],
    ["ratelimit", {}],
    ["hyperdrive", { id: "a" }],
  ])("%s %j is a binding that the engine leaves out", (type, attributes) => {
    expect(bindingOf("B", type, attributes)).toEqual({ type: "unsupported", name: "B", kind: type });
  });
});
