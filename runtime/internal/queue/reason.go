package queue

// Reason says why a row was dropped.
type Reason string

// The reasons, each with what to do about it.
const (
	// QueueFull rows came while the queue held all that it may: the server is slower than the program. Raise the
	// bounds, sample, or let Push block.
	QueueFull Reason = "queue_full"
	// WaitEnded rows waited for room until their context ended.
	WaitEnded Reason = "wait_ended"
	// Closed rows came after Close.
	Closed Reason = "closed"
	// TooLarge rows are by themselves more than the queue or the server takes.
	TooLarge Reason = "too_large"
	// Invalid rows were refused by the server alone, after their batch was divided. Its message is the last error.
	Invalid Reason = "invalid"
	// Refused rows were in a batch that the server will not take in any form.
	Refused Reason = "refused"
	// SinkFailed rows were handed to a console or a file that failed.
	SinkFailed Reason = "sink_failed"
	// Unsaved rows were left when Close had to end, and there is no spool or it could not be written.
	Unsaved Reason = "unsaved"
	// SpoolFull rows were the oldest in a spool that had no more room.
	SpoolFull Reason = "spool_full"
	// SpoolDamaged rows were in a spool file that cannot be read. The file is set aside.
	SpoolDamaged Reason = "spool_damaged"
)
