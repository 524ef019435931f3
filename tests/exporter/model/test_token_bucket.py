from exporter.model.token_bucket import TokenBucket


def test_a_burst_is_allowed_and_then_one_per_interval() -> None:
    bucket = TokenBucket(interval=10, burst=2)
    assert [bucket.take_token(now) for now in (100, 100, 100, 109, 110, 111, 200, 200, 200)] == [
        *(True, True, False),
        *(False, True, False),
        *(True, True, False),
    ]
