import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { KvKeyv } from "cdktf-cloudflare-kv/runtime/keyv";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import Keyv from "keyv";
import * as vitest from "vitest";

const kv = new MemoryKV();

keyvTestSuite(vitest, Keyv, () => new KvKeyv(kv));
keyvIteratorTests(vitest, Keyv, () => new KvKeyv(kv));
