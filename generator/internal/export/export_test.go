package export

// Read is Open for bytes that are in no file.
var Read = read
