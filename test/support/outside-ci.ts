/** Runs each test of a file as on a developer's machine: outside CI, without a context of cdktf, quietly. */
export function outsideCi(): void {
  const before = process.env;
  beforeEach(() => {
    const { CDKTF_CONTEXT_JSON: _context, CI: _ci, CFKV_DEV: _dev, ...rest } = before;
    process.env = rest;
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    process.env = before;
    jest.restoreAllMocks();
  });
}
