"""What the business does; knows neither GraphQL nor Lambda."""
