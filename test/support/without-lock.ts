process.env["CDKTF_CONTEXT_JSON"] = JSON.stringify({ lock: false });
