"""What is stored: the only room that speaks DynamoDB."""
